#include "loader/generator_words.h"

#include <string>

namespace clientele {
namespace {

// clang-format off
constexpr std::string_view kEnglishFirst =
    "James Mary John Patricia Robert Jennifer Michael Linda David Elizabeth William Barbara Richard Susan Joseph Jessica Thomas Sarah "
    "Christopher Karen Charles Lisa Daniel Nancy Matthew Betty Anthony Sandra Mark Margaret Donald Ashley Steven Kimberly Andrew Emily "
    "Paul Donna Joshua Michelle Kenneth Carol Kevin Amanda Brian Melissa George Deborah Timothy Stephanie Ronald Rebecca Jason Laura "
    "Edward Sharon Jeffrey Cynthia Ryan Kathleen Jacob Amy Gary Angela Nicholas Shirley Eric Anna Jonathan Brenda Stephen Pamela Larry "
    "Emma Justin Nicole Scott Helen Brandon Samantha Benjamin Katherine Samuel Christine Gregory Debra Alexander Rachel Patrick Carolyn "
    "Frank Janet Raymond Maria Jack Olivia Dennis Heather Jerry Diane Tyler Julie Aaron Joyce Jose Victoria Adam Ruth Nathan Virginia "
    "Henry Lauren Zachary Kelly Douglas Christina Peter Joan Kyle Evelyn Noah Judith Ethan Andrea Jeremy Hannah Walter Megan Christian "
    "Cheryl Keith Jacqueline Roger Martha Terry Madison Austin Teresa Sean Gloria Gerald Sara Carl Janice Harold Ann Dylan Kathryn "
    "Arthur Abigail Lawrence Sophia Jordan Frances Jesse Jean Bryan Alice Billy Judy Bruce Isabella Gabriel Julia Joe Grace Logan Amber "
    "Alan Denise Juan Danielle Albert Marilyn Willie Beverly Elijah Charlotte Wayne Natalie Randy Theresa Vincent Diana Mason Brittany";
constexpr std::string_view kEnglishLast =
    "Smith Johnson Williams Brown Jones Miller Davis Wilson Anderson Thomas Taylor Moore Jackson Martin Lee Thompson White Harris Clark "
    "Lewis Robinson Walker Young Allen King Wright Scott Hill Green Adams Nelson Baker Hall Campbell Mitchell Carter Roberts Phillips "
    "Evans Turner Parker Collins Edwards Stewart Morris Murphy Cook Rogers Morgan Cooper Peterson Reed Bailey Bell Kelly Howard Ward Cox "
    "Richardson Wood Watson Brooks Bennett Gray James Hughes Price Myers Long Foster Sanders Ross Morales Powell Sullivan Russell Jenkins "
    "Perry Butler Barnes Fisher Henderson Coleman Simmons Patterson Jordan Reynolds Hamilton Graham Kim Wallace West Cole Hayes Gibson "
    "Bryant Ellis Stevens Murray Ford Marshall Owens McDonald Harrison Kennedy Wells Freeman Webb Tucker Burns Crawford Henry Simpson "
    "Porter Hunter Gordon Shaw Snyder Mason Hunt Black Robertson Palmer Wagner Stone Dixon Holmes Mills Rice Warren Fox Daniels Ferguson "
    "Nichols Weaver Grant Dunn Payne Kelley Spencer Hawkins Arnold Matthews Hudson Duncan Armstrong Carpenter Carroll Lane Riley Perkins "
    "Elliott Austin Peters Chapman Greene Lawson Knight Bishop Andrews Harper Willis Cunningham Bradley Lawrence Gardner Hicks Watkins "
    "Wheeler Larson Carlson Harvey Little Burke Franklin Fuller Stanley Dean Hanson Lynch Fields Oliver Fowler Walsh Schmidt Jacobs "
    "Davidson Garrett O'Brien O'Connor O'Neil McCarthy Newman Bowman Barker Sutton Atkinson Holloway Whitaker Blackwood Fairchild Langley "
    "Thornton Wainwright Hawthorne Ashworth Pemberton Kingsley Radcliffe Winslow Huxley Merritt Sinclair Prescott Abbott Calloway Draper";
constexpr std::string_view kSpanishFirst =
    "Antonio Maria Jose Carmen Manuel Josefa Francisco Isabel Juan Ana David Laura Javier Cristina Daniel Marta Carlos Lucia Miguel Elena "
    "Alejandro Pilar Rafael Sofia Pedro Paula Angel Raquel Pablo Beatriz Sergio Silvia Fernando Rosa Jorge Patricia Luis Alba Alberto Sara "
    "Diego Andrea Adrian Irene Raul Natalia Ivan Eva Ruben Marina Enrique Camila Ramon Valentina Vicente Mariana Andres Gabriela Joaquin Daniela";
constexpr std::string_view kSpanishLast =
    "Garcia Rodriguez Gonzalez Fernandez Lopez Martinez Sanchez Perez Gomez Martin Jimenez Ruiz Hernandez Diaz Moreno Alvarez Romero Alonso "
    "Gutierrez Navarro Torres Dominguez Vazquez Ramos Gil Ramirez Serrano Blanco Molina Morales Suarez Ortega Delgado Castro Ortiz Rubio "
    "Marin Sanz Iglesias Medina Garrido Cortes Castillo Santos Lozano Guerrero Cano Prieto Mendez Cruz Calvo Gallego Vidal Leon Herrera "
    "Marquez Flores Cabrera Campos Vega Fuentes Carrasco Reyes Caballero Nieto Aguilar Pascual Santana Herrero Montero Hidalgo Gimenez";
constexpr std::string_view kPortugueseFirst =
    "Joao Maria Jose Ana Antonio Francisca Carlos Adriana Paulo Juliana Pedro Marcia Lucas Fernanda Luiz Patricia Marcos Aline Luis Sandra "
    "Gabriel Camila Rafael Amanda Daniel Bruna Marcelo Jessica Bruno Leticia Eduardo Julia Felipe Luciana Rodrigo Vanessa Gustavo Mariana "
    "Thiago Gabriela Tiago Vera Rui Ines Nuno Beatriz Miguel Catarina Diogo Raquel";
constexpr std::string_view kPortugueseLast =
    "Silva Santos Oliveira Souza Rodrigues Ferreira Alves Pereira Lima Gomes Costa Ribeiro Martins Carvalho Almeida Lopes Soares Fernandes "
    "Vieira Barbosa Rocha Dias Nascimento Andrade Moreira Nunes Marques Machado Mendes Freitas Cardoso Ramos Goncalves Santana Teixeira "
    "Araujo Pinto Correia Melo Cavalcanti Dantas Monteiro Moura Batista Campos Tavares Sampaio Figueiredo Macedo Coelho";
constexpr std::string_view kFrenchFirst =
    "Jean Marie Pierre Nathalie Michel Isabelle Andre Sylvie Philippe Catherine Alain Martine Bernard Christine Jacques Valerie Daniel "
    "Sandrine Nicolas Stephanie Julien Celine Thomas Julie Guillaume Aurelie Alexandre Emilie Maxime Camille Antoine Laura Romain Marine "
    "Hugo Manon Lucas Chloe Louis Lea Arthur Emma Mathieu Claire Vincent Sophie Olivier Charlotte Laurent Pauline";
constexpr std::string_view kFrenchLast =
    "Martin Bernard Dubois Thomas Robert Richard Petit Durand Leroy Moreau Simon Laurent Lefebvre Michel Garcia David Bertrand Roux Vincent "
    "Fournier Morel Girard Andre Lefevre Mercier Dupont Lambert Bonnet Francois Martinez Legrand Garnier Faure Rousseau Blanc Guerin Muller "
    "Henry Roussel Nicolas Perrin Morin Mathieu Clement Gauthier Dumont Lopez Fontaine Chevalier Robin Masson Sanchez Noel Dufour Blanchard "
    "Brunet Giraud Riviere Arnaud Collet Lemoine Picard Renard Marchand Barbier Leclerc Gaillard Brun Carpentier Aubert";
constexpr std::string_view kGermanFirst =
    "Peter Ursula Michael Maria Wolfgang Anna Thomas Petra Klaus Sabine Andreas Monika Stefan Susanne Christian Claudia Uwe Andrea Hans Birgit "
    "Frank Karin Jan Katrin Martin Nicole Markus Stefanie Daniel Julia Tobias Lena Alexander Laura Florian Lisa Sebastian Sarah Philipp Hannah "
    "Lukas Mia Leon Emma Felix Sophie Jonas Marie Maximilian Johanna Matthias Heike Dirk Anja Ralf Silke Torsten Tanja Holger Ines";
constexpr std::string_view kGermanLast =
    "Mueller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Schaefer Koch Bauer Richter Klein Wolf Schroeder Neumann "
    "Schwarz Zimmermann Braun Krueger Hofmann Hartmann Lange Schmitt Werner Schmitz Krause Meier Lehmann Schmid Schulze Maier Koehler Herrmann "
    "Koenig Walter Mayer Huber Kaiser Fuchs Peters Lang Scholz Moeller Weiss Jung Hahn Schubert Vogel Friedrich Keller Guenther Frank Berger "
    "Winkler Roth Beck Lorenz Baumann Franke Albrecht Schuster Simon Ludwig Boehm Winter Kraus Martin Schumacher Kraemer Vogt Stein Jaeger";
constexpr std::string_view kDutchFirst =
    "Jan Maria Johannes Anna Pieter Johanna Cornelis Elisabeth Hendrik Cornelia Willem Wilhelmina Gerrit Petronella Daan Emma Sem Julia Bram "
    "Sophie Lars Tess Thijs Lieke Ruben Fleur Jeroen Sanne Maarten Eva Bas Lotte Joost Femke Koen Iris Wouter Anouk Sander Marieke";
constexpr std::string_view kDutchLast =
    "deJong Jansen deVries Bakker Janssen Visser Smit Meijer deBoer Mulder deGroot Bos Vos Peters Hendriks Dekker Dijkstra Smits deGraaf Kok "
    "Jacobs deHaan Vermeulen Schouten Willems Hoekstra Koster Prins Huisman Peeters Kuiper Kramer deBruin Post Kuipers Veenstra Brouwer Postma "
    "Martens Maas Verhoeven Koning Claes Wouters Goossens Mertens Aerts Maes Jacobs Dubois";
constexpr std::string_view kNordicFirst =
    "Lars Anna Erik Maria Anders Eva Per Karin Johan Kristina Karl Lena Nils Sara Mikael Emma Jan Kerstin Olof Malin Peter Ingrid Sven Linnea "
    "Jens Mette Henrik Kirsten Morten Hanne Mads Freja Ole Ida Magnus Astrid Haakon Solveig Juha Tuula Mika Anne Timo Paivi Kari Ritva Antti "
    "Helena Jonas Sigrid Bjorn Signe Gustav Elsa";
constexpr std::string_view kNordicLast =
    "Andersson Johansson Karlsson Nilsson Eriksson Larsson Olsson Persson Svensson Gustafsson Pettersson Jonsson Jansson Hansson Bengtsson "
    "Lindberg Jensen Nielsen Hansen Pedersen Andersen Christensen Larsen Sorensen Rasmussen Petersen Madsen Kristensen Olsen Johansen Berg "
    "Haugen Hagen Bakken Solberg Korhonen Virtanen Makinen Nieminen Makela Hamalainen Laine Heikkinen Koskinen Lindqvist Lundgren Holm Dahl "
    "Nygaard Strand Lund Moen Ekstrom Sandberg Sjoberg";
constexpr std::string_view kItalianFirst =
    "Giuseppe Maria Giovanni Anna Antonio Giuseppina Mario Rosa Luigi Angela Francesco Giovanna Angelo Teresa Vincenzo Lucia Pietro Carmela "
    "Salvatore Caterina Carlo Francesca Franco Sara Domenico Laura Bruno Elena Paolo Chiara Marco Giulia Andrea Martina Luca Valentina Matteo "
    "Silvia Alessandro Federica Stefano Paola Davide Elisa Simone Roberta Lorenzo Aurora";
constexpr std::string_view kItalianLast =
    "Rossi Russo Ferrari Esposito Bianchi Romano Colombo Ricci Marino Greco Bruno Gallo Conti DeLuca Mancini Costa Giordano Rizzo Lombardi "
    "Moretti Barbieri Fontana Santoro Mariani Rinaldi Caruso Ferrara Galli Martini Leone Longo Gentile Martinelli Vitale Lombardo Serra Coppola "
    "DeSantis Marchetti Parisi Villa Conte Ferraro Ferri Fabbri Bianco Marini Grasso Valentini Messina Sala Gatti Pellegrini Palumbo Sanna Farina";
constexpr std::string_view kSlavicFirst =
    "Piotr Anna Krzysztof Maria Andrzej Katarzyna Tomasz Malgorzata Jan Agnieszka Pawel Krystyna Michal Barbara Marcin Ewa Jakub Elzbieta Adam "
    "Zofia Marek Teresa Lukasz Magdalena Jiri Jana Petr Eva Josef Hana Pavel Lenka Martin Katerina Tomas Lucie Ivan Ana Marko Jelena Nikola "
    "Milica Luka Ivana Stefan Marija Bogdan Elena Andrei Ioana Mihai Cristina Radu Raluca Istvan Katalin Laszlo Zsuzsanna Gabor Eszter";
constexpr std::string_view kSlavicLast =
    "Nowak Kowalski Wisniewski Wojcik Kowalczyk Kaminski Lewandowski Zielinski Szymanski Wozniak Dabrowski Kozlowski Jankowski Mazur Krawczyk "
    "Piotrowski Grabowski Pawlowski Michalski Krol Wieczorek Jablonski Novak Svoboda Novotny Dvorak Cerny Prochazka Kucera Vesely Horak Nemec "
    "Marek Pokorny Horvat Kovacevic Babic Maric Juric Petrovic Jovanovic Nikolic Markovic Djordjevic Stojanovic Popescu Ionescu Popa Radu Stan "
    "Dumitru Stoica Nagy Kovacs Toth Szabo Horvath Varga Kiss Molnar Kazlauskas Petrauskas Berzins Kalnins Ozols Liepa Krasniqi Hoxha";
constexpr std::string_view kRussianFirst =
    "Alexander Elena Sergey Olga Dmitry Natalia Andrey Tatiana Alexey Irina Maxim Anna Evgeny Svetlana Ivan Maria Mikhail Ekaterina Nikolay "
    "Anastasia Vladimir Yulia Artem Daria Denis Marina Pavel Ksenia Roman Alina Oleg Oksana Igor Victoria Viktor Polina Konstantin Galina "
    "Bogdan Kateryna Taras Nadia Timur Aigerim Ruslan Dinara Giorgi Nino Armen Ani";
constexpr std::string_view kRussianLast =
    "Ivanov Smirnov Kuznetsov Popov Vasiliev Petrov Sokolov Mikhailov Novikov Fedorov Morozov Volkov Alekseev Lebedev Semenov Egorov Pavlov "
    "Kozlov Stepanov Nikolaev Orlov Andreev Makarov Nikitin Zakharov Zaitsev Soloviev Borisov Yakovlev Grigoriev Romanov Vorobiev Sergeev "
    "Kuzmin Frolov Alexandrov Dmitriev Korolev Gusev Kiselev Shevchenko Kovalenko Bondarenko Tkachenko Kravchenko Oliynyk Melnyk Boyko Moroz "
    "Lysenko Rudenko Marchenko Akhmetov Nurmagambetov Ibragimov Karimov Rakhimov Beridze Kapanadze Sargsyan Hakobyan Dimitrov Georgiev Ivanova";
constexpr std::string_view kTurkishFirst =
    "Mehmet Fatma Mustafa Ayse Ahmet Emine Ali Hatice Huseyin Zeynep Hasan Elif Ibrahim Meryem Ismail Serife Osman Zehra Yusuf Sultan Murat "
    "Merve Omer Ozlem Ramazan Esra Emre Kubra Can Selin Burak Derya Kerem Ebru Onur Gamze Serkan Deniz Elvin Leyla";
constexpr std::string_view kTurkishLast =
    "Yilmaz Kaya Demir Sahin Celik Yildiz Yildirim Ozturk Aydin Ozdemir Arslan Dogan Kilic Aslan Cetin Kara Koc Kurt Ozkan Simsek Polat "
    "Korkmaz Cakir Erdogan Yavuz Can Acar Aksoy Guler Bulut Keskin Turan Gunes Ozcan Avci Tekin Bozkurt Uzun Mammadov Aliyev Hasanov Huseynov";
constexpr std::string_view kArabicFirst =
    "Mohammed Fatima Ahmed Aisha Ali Mariam Omar Zainab Hassan Khadija Hussein Noura Ibrahim Sara Youssef Layla Khaled Hana Abdullah Amina "
    "Mahmoud Salma Tariq Rania Saeed Huda Faisal Yasmin Karim Dina Rashid Leila Hamza Nadia Bilal Samira Amir Mona Ziad Reem Reza Maryam "
    "Majid Shirin Walid Ghada Nasser Lamia";
constexpr std::string_view kArabicLast =
    "Khan Ahmed Hassan Ali Hussein Ibrahim Mahmoud Saleh Abdullah Omar Mansour Nasser Haddad Khoury Najjar Saad Farah Aziz Rahman Malik "
    "AlFarsi AlMansoori AlHashimi AlNuaimi AlMaktoum AlSaud AlOtaibi AlQahtani AlGhamdi AlHarbi Benali Bensalem Cherif Toumi Mansouri Bouzid "
    "Tazi Alaoui Idrissi Hamdan Darwish Qasim Sabbagh Shehata Mostafa Hosseini Ahmadi Mohammadi Karimi Rezaei Jafari Awad Osman Hamid";
constexpr std::string_view kIndianFirst =
    "Rahul Priya Amit Pooja Raj Neha Sanjay Anjali Vijay Sunita Rajesh Kavita Suresh Deepa Anil Lakshmi Ravi Meena Arun Asha Vikram Divya "
    "Rohit Shreya Arjun Ananya Karan Isha Manish Nisha Deepak Swati Ashok Rekha Ajay Geeta Nikhil Ritu Sachin Sneha Imran Ayesha Bilal Sana "
    "Hamza Nadia Kumar Dilani Nuwan Chamari Rahim Nasrin Bikash Sita";
constexpr std::string_view kIndianLast =
    "Sharma Singh Kumar Patel Gupta Shah Mehta Reddy Nair Iyer Rao Das Joshi Verma Mishra Chatterjee Mukherjee Banerjee Agarwal Jain Chopra "
    "Kapoor Malhotra Bhatt Desai Pillai Menon Naidu Chauhan Yadav Pandey Tiwari Saxena Srivastava Kulkarni Patil Deshmukh Gill Sidhu Grewal "
    "Khan Ahmed Malik Hussain Qureshi Chaudhry Rahman Islam Hossain Perera Fernando Silva Jayawardena Thapa Gurung Shrestha Bhattarai";
constexpr std::string_view kChineseFirst =
    "Wei Fang Min Jing Li Yan Xiuying Qiang Lei Jun Yang Yong Juan Jie Tao Ming Chao Ping Gang Guiying Hao Xin Yu Ying Hui Bo Lin Hong Peng "
    "Mei Xiaoming Jianhua Zhiqiang Yuting Haoran Zihan Chen Ting Kai Wing Ka Siu Kwok Chi Yi Jia";
constexpr std::string_view kChineseLast =
    "Wang Li Zhang Liu Chen Yang Huang Zhao Wu Zhou Xu Sun Ma Zhu Hu Guo He Lin Gao Luo Zheng Liang Xie Tang Deng Feng Han Cao Zeng Peng "
    "Xiao Cai Pan Tian Dong Yuan Yu Ye Du Su Wei Cheng Lu Ding Ren Shen Yao Lam Chan Wong Cheung Leung Lau Ng Ho Tan Lim Goh";
constexpr std::string_view kJapaneseFirst =
    "Hiroshi Yuki Takashi Yoko Kenji Keiko Akira Akiko Satoshi Kazuko Makoto Sachiko Takeshi Haruka Kazuya Misaki Daisuke Aya Yuta Mai Kenta "
    "Yumi Naoki Emi Ryo Rina Shota Nana Haruto Sakura Ren Hina Sota Yui Riku Aoi Tatsuya Megumi Kaito Ayumi";
constexpr std::string_view kJapaneseLast =
    "Sato Suzuki Takahashi Tanaka Watanabe Ito Yamamoto Nakamura Kobayashi Kato Yoshida Yamada Sasaki Yamaguchi Matsumoto Inoue Kimura Hayashi "
    "Shimizu Yamazaki Mori Abe Ikeda Hashimoto Yamashita Ishikawa Nakajima Maeda Fujita Ogawa Goto Okada Hasegawa Murakami Kondo Ishii Saito "
    "Sakamoto Endo Aoki Fujii Nishimura Fukuda Ota Miura Fujiwara Okamoto Matsuda Nakagawa Harada";
constexpr std::string_view kKoreanFirst =
    "Minjun Seoyeon Jihoon Jiwoo Hyunwoo Minji Sungmin Soyeon Donghyun Yuna Jinwoo Hayoon Seungho Eunji Youngho Jisoo Kyungsoo Hyejin Taehyung "
    "Sujin Junho Yejin Sangwoo Nayeon Woojin Haeun Jaehyun Dahye";
constexpr std::string_view kKoreanLast =
    "Kim Lee Park Choi Jung Kang Cho Yoon Jang Lim Han Oh Seo Shin Kwon Hwang Ahn Song Ryu Hong Jeon Ko Moon Yang Son Bae Baek Heo Nam Shim";
constexpr std::string_view kVietnameseFirst =
    "Anh Huong Minh Linh Hung Lan Tuan Mai Dung Hoa Long Thao Nam Trang Khanh Ngoc Duc Phuong Hai Yen Quang Thu Son Hanh Bao Vy Phuc Nhung "
    "Thanh My Sokha Bopha Dara Chanthy";
constexpr std::string_view kVietnameseLast =
    "Nguyen Tran Le Pham Hoang Huynh Phan Vu Vo Dang Bui Do Ho Ngo Duong Ly Dinh Trinh Mai Luong Ha Cao Sok Chea Keo Chan";
constexpr std::string_view kMalayFirst =
    "Budi Siti Agus Dewi Andi Rina Eko Sri Rizky Putri Dedi Ayu Hendra Fitri Joko Wati Adi Nur Bayu Indah Ahmad Nurul Faizal Aisyah Hafiz "
    "Farah Azlan Zara Somchai Malee Anan Ploy Kittisak Kanya Nattapong Siriporn Aung Thida Zaw Khin";
constexpr std::string_view kMalayLast =
    "Santoso Wijaya Saputra Hidayat Setiawan Kusuma Pratama Nugroho Susanto Gunawan Wibowo Rahman Abdullah Ismail Hassan Yusof Othman Ibrahim "
    "Zainal Suwan Saetang Chaiyasit Srisai Wongsakul Boonmee Thongchai Rattanakul Panyarachun Win Htun Oo Naing";
constexpr std::string_view kAfricanFirst =
    "Chinedu Ngozi Emeka Chioma Tunde Funmi Kwame Ama Kofi Akosua Thabo Lerato Sipho Nomsa Juma Amina Baraka Wanjiru Kamau Achieng Otieno "
    "Njeri Mamadou Fatou Ousmane Aminata Abebe Tigist Moses Grace Emmanuel Blessing Samuel Esther Ibrahim Mariam Tendai Rudo Pieter Anele";
constexpr std::string_view kAfricanLast =
    "Okafor Adeyemi Okonkwo Eze Balogun Ogunleye Ibrahim Mensah Owusu Boateng Asante Nkosi Dlamini Zulu Mokoena Ndlovu Khumalo vanWyk Botha "
    "Mwangi Kamau Odhiambo Otieno Wanjala Kimani Mutua Diallo Traore Keita Diop Ndiaye Sow Kone Toure Tesfaye Bekele Haile Moyo Ncube Banda "
    "Phiri Mbeki Nguema Mugisha Okello";
constexpr std::string_view kGreekFirst =
    "Georgios Maria Dimitrios Eleni Konstantinos Katerina Ioannis Vasiliki Nikolaos Sofia Panagiotis Angeliki Christos Georgia Athanasios Anna "
    "Michail Ioanna Spyridon Dimitra Andreas Despina Petros Chrysa Alexandros Evangelia";
constexpr std::string_view kGreekLast =
    "Papadopoulos Vlachos Angelopoulos Nikolaidis Georgiou Petrou Papadakis Makris Antoniou Ioannou Dimitriou Economou Karagiannis Pappas "
    "Christodoulou Alexiou Konstantinou Athanasiou Panagiotou Vasiliou Stavrou Markou Kyriakou Samaras Theodorou Lambrou";

constexpr std::string_view kEnglishTypes =
    "Logistics|Media|Software|Systems|Solutions|Technologies|Digital|Consulting|Partners|Studios|Labs|Networks|Games|Interactive|Holdings|"
    "Trading|Foods|Health|Pharma|Energy|Capital|Finance|Insurance|Travel|Airlines|Motors|Electronics|Robotics|Analytics|Security|Hosting|Cloud|"
    "Telecom|Broadcasting|Publishing|Education|Academy|Retail|Fashion|Sports|Entertainment|Music|Design|Marketing|Advertising|Construction|"
    "Engineering|Industries|Manufacturing|Chemicals|Materials|Mining|Shipping|Real Estate|Properties|Hotels|Restaurants|Coffee|Brewing|"
    "Commerce|Market|Online|Data|Research|Biotech|Medical|Dental|Legal|Services|Ventures|Works|Group|International|Global|Streaming|Payments";
constexpr std::string_view kSpanishTypes =
    "Logistica|Medios|Software|Sistemas|Soluciones|Tecnologia|Digital|Consultores|Asociados|Estudios|Redes|Comercial|Alimentos|Salud|"
    "Energia|Finanzas|Seguros|Viajes|Motores|Construcciones|Ingenieria|Industrias|Transportes|Inmobiliaria|Hoteles|Educacion|Moda|Deportes|Publicidad|Servicios";
constexpr std::string_view kPortugueseTypes =
    "Logistica|Midia|Software|Sistemas|Solucoes|Tecnologia|Digital|Consultoria|Associados|Redes|Comercio|Alimentos|Saude|Energia|Seguros|"
    "Viagens|Engenharia|Industria|Transportes|Imoveis|Hoteis|Educacao|Moda|Esportes|Marketing|Servicos|Construtora|Telecom";
constexpr std::string_view kFrenchTypes =
    "Logistique|Medias|Logiciels|Systemes|Solutions|Technologies|Numerique|Conseil|Associes|Reseaux|Distribution|Alimentation|Sante|Energie|"
    "Finance|Assurances|Voyages|Automobiles|Construction|Ingenierie|Industries|Transports|Immobilier|Hotels|Formation|Mode|Sports|Communication|Services";
constexpr std::string_view kGermanTypes =
    "Logistik|Medien|Software|Systeme|Technik|Technologie|Digital|Beratung|Partner|Studios|Netze|Handel|Lebensmittel|Gesundheit|Energie|"
    "Finanz|Versicherungen|Reisen|Automobile|Bau|Ingenieure|Industrie|Maschinenbau|Transporte|Immobilien|Hotels|Bildung|Mode|Sport|Werbung|Dienste|Verlag|Spiele";
constexpr std::string_view kItalianTypes =
    "Logistica|Media|Software|Sistemi|Soluzioni|Tecnologie|Digitale|Consulenza|Associati|Reti|Commerciale|Alimentari|Salute|Energia|Finanza|"
    "Assicurazioni|Viaggi|Motori|Costruzioni|Ingegneria|Industrie|Trasporti|Immobiliare|Alberghi|Formazione|Moda|Sport|Pubblicita|Servizi";
constexpr std::string_view kRussianTypes =
    "Logistika|Media|Soft|Sistemy|Resheniya|Tekhnologii|Konsalting|Partner|Studio|Torg|Stroy|Servis|Energo|Finans|Trans|Invest|Telecom|Trade|Group|Holding|Digital|Market";

constexpr std::string_view kStems =
    "Northwind|Bluewave|Redstone|Silverline|Goldcrest|Greenfield|Blackrock Hill|Whitecap|Brightside|Clearwater|Deepwater|Highland|Lakeside|Riverbend|"
    "Oakwood|Pinecrest|Maplewood|Cedarpoint|Willowbrook|Ashford|Birchwood|Elmhurst|Ironbridge|Copperleaf|Steelworks|Stonegate|Granite|Marble Arch|"
    "Sunrise|Sunset|Daybreak|Moonlight|Starlight|Polaris|Orion|Vega|Sirius|Andromeda|Cassiopeia|Pegasus|Phoenix|Griffin|Dragonfly|Falcon|Eagle Eye|"
    "Hawkeye|Osprey|Kestrel|Heron|Raven|Swift|Swallow|Albatross|Panther|Jaguar|Lynx|Wolfpack|Grizzly|Bison|Mustang|Stallion|Antelope|Gazelle|Dolphin|"
    "Orca|Barracuda|Marlin|Nautilus|Coral|Pearl|Amber|Topaz|Sapphire|Emerald|Ruby|Onyx|Opal|Quartz|Crystal|Diamond|Platinum|Titanium|Cobalt|Carbon|"
    "Helium|Neon|Argon|Photon|Quantum|Neutron|Proton|Electron|Fusion|Plasma|Vector|Matrix|Tensor|Scalar|Delta|Omega|Sigma|Lambda|Gamma|Alpha|Beta|"
    "Zenith|Apex|Summit|Pinnacle|Vertex|Horizon|Meridian|Equinox|Solstice|Aurora|Borealis|Cirrus|Nimbus|Stratus|Cumulus|Zephyr|Tempest|Cyclone|"
    "Monsoon|Avalanche|Glacier|Tundra|Savanna|Prairie|Canyon|Mesa|Delta Point|Harbor|Lighthouse|Anchor|Compass|Beacon|Voyager|Pioneer|Frontier|"
    "Pathfinder|Trailblazer|Nomad|Explorer|Discovery|Endeavor|Odyssey|Atlas|Titan|Hercules|Apollo|Artemis|Athena|Hermes|Poseidon|Triton|Juno|"
    "Minerva|Vulcan|Janus|Nova|Supernova|Pulsar|Quasar|Nebula|Galaxy|Cosmos|Eclipse|Comet|Meteor|Asteroid|Lunar|Solar|Stellar|Astral|Orbit|"
    "Gravity|Momentum|Velocity|Kinetic|Dynamic|Rapid|Turbo|Hyper|Ultra|Omni|Poly|Multi|Inter|Trans|Trident|Quadra|Penta|Hexa|Octane|Infinity|"
    "Unity|Harmony|Symphony|Sonata|Tempo|Cadence|Rhythm|Echo|Resonance|Signal|Spectrum|Prism|Mosaic|Canvas|Palette|Sketch|Origami|Kaleido|Pixel|"
    "Vertigo|Paradigm|Axiom|Theorem|Logic|Cipher|Enigma|Riddle|Puzzle|Keystone|Cornerstone|Milestone|Landmark|Monument|Citadel|Bastion|Fortress|"
    "Rampart|Sentinel|Guardian|Vanguard|Paladin|Knightsbridge|Regent|Monarch|Imperial|Royal|Noble|Crown|Sceptre|Heritage|Legacy|Dynasty|Century|"
    "Millennium|Epoch|Genesis|Origin|Catalyst|Spark|Ember|Ignite|Blaze|Inferno|Bonfire|Lantern|Candle|Torch|Flare|Glow|Lumen|Lucid|Radiant|Vivid|"
    "Bright|Crisp|Fresh|Pure|True|Prime|First|Next|Nexus|Link|Bridge|Gateway|Portal|Junction|Crossroad|Hub|Core|Base|Pillar|Arch|Tower|Spire|"
    "Acorn|Clover|Lotus|Orchid|Jasmine|Saffron|Juniper|Cypress|Sequoia|Magnolia|Olive|Ivy|Fern|Bamboo|Lavender|Rosewood|Sandalwood|Teak|Baobab";
constexpr std::string_view kCities =
    "London|New York|Paris|Berlin|Madrid|Rome|Vienna|Zurich|Geneva|Amsterdam|Rotterdam|Brussels|Antwerp|Copenhagen|Stockholm|Oslo|Helsinki|Dublin|"
    "Edinburgh|Manchester|Birmingham|Leeds|Bristol|Lisbon|Porto|Barcelona|Valencia|Seville|Milan|Turin|Naples|Munich|Hamburg|Cologne|Frankfurt|"
    "Stuttgart|Leipzig|Dresden|Prague|Brno|Warsaw|Krakow|Gdansk|Budapest|Bucharest|Sofia|Belgrade|Zagreb|Athens|Istanbul|Ankara|Izmir|Moscow|Kyiv|"
    "Minsk|Riga|Vilnius|Tallinn|Almaty|Tashkent|Tbilisi|Yerevan|Baku|Dubai|Abu Dhabi|Doha|Riyadh|Jeddah|Kuwait|Cairo|Casablanca|Tunis|Lagos|Accra|"
    "Nairobi|Johannesburg|Cape Town|Mumbai|Delhi|Bangalore|Chennai|Hyderabad|Pune|Kolkata|Karachi|Lahore|Dhaka|Colombo|Bangkok|Singapore|Jakarta|"
    "Manila|Hanoi|Hong Kong|Shenzhen|Shanghai|Beijing|Taipei|Seoul|Busan|Tokyo|Osaka|Sydney|Melbourne|Auckland|Toronto|Montreal|Vancouver|Boston|"
    "Chicago|Austin|Dallas|Houston|Denver|Seattle|Portland|Miami|Atlanta|Los Angeles|San Diego|Mexico City|Bogota|Lima|Santiago|Buenos Aires|Sao Paulo";

constexpr std::string_view kProviders =
    "gmail|outlook|yahoo|hotmail|icloud|proton|gmx|mail|yandex|live|aol|zoho|web|fastmail|me|qq|naver|163|orange|libero|wp|seznam|rambler|bk|"
    "ukr|t-online|free|laposte|terra|uol|rediffmail|comcast|verizon|btinternet|sky|bluewin|telenet|ziggo|abv|tutanota";
constexpr std::string_view kPromo =
    "WELCOME10|Welcome20|SUMMER|Summer21|SUMMER22|WINTER|Winter24|SPRING19|Spring20|AUTUMN23|BlackFriday|BLACKFRIDAY22|CyberMonday|NewYear|NEWYEAR18|"
    "START50|Start100|startup|STARTUP2020|TryCloud|CLOUD100|CDNFREE|cdn-trial|StreamIt|STREAM30|GAMEDEV|GameDev25|HABR|ProductHunt|PH2021|"
    "WebSummit|WEBSUMMIT19|MWC20|Ces2019|IBC2022|NAB23|Partner15|PARTNER20|reseller5|Friends|FRIENDS25|LOYAL|Loyal10|COMEBACK|ComeBack50|"
    "EDU2021|Edu30|STUDENT|NonProfit|GREEN|HALFPRICE|Half-Price|3MONTHS|ThreeMonths|FreeYear|BETA|EarlyBird|DDOS911|Migrate|MOVE2US";
// clang-format on

std::vector<std::string_view> Split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    parts.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

struct CultureSource {
  std::string_view first_names, last_names, types, suffixes;
  Script script;
};

// In the order of Culture.
constexpr CultureSource kCultures[kCultureCount] = {
    {kEnglishFirst, kEnglishLast, kEnglishTypes, "Inc|LLC|Ltd|Inc.|Corp.|Co|PLC|Limited", Script::kFrenchLatin},
    {kSpanishFirst, kSpanishLast, kSpanishTypes, "S.L.|S.A.|S.A. de C.V.|S.A.S.|Ltda.", Script::kIberianLatin},
    {kPortugueseFirst, kPortugueseLast, kPortugueseTypes, "Ltda|S.A.|ME|Lda|EIRELI", Script::kIberianLatin},
    {kFrenchFirst, kFrenchLast, kFrenchTypes, "SARL|SAS|SA|EURL", Script::kFrenchLatin},
    {kGermanFirst, kGermanLast, kGermanTypes, "GmbH|AG|GmbH & Co. KG|UG|e.K.", Script::kGermanLatin},
    {kDutchFirst, kDutchLast, kEnglishTypes, "B.V.|N.V.|VOF|BV", Script::kFrenchLatin},
    {kNordicFirst, kNordicLast, kEnglishTypes, "AB|AS|ApS|Oy|A/S", Script::kNordicLatin},
    {kItalianFirst, kItalianLast, kItalianTypes, "S.r.l.|S.p.A.|S.n.c.|SRL", Script::kIberianLatin},
    {kSlavicFirst, kSlavicLast, kEnglishTypes, "sp. z o.o.|s.r.o.|d.o.o.|SRL|Kft.|S.A.|a.s.", Script::kSlavicLatin},
    {kRussianFirst, kRussianLast, kRussianTypes, "LLC|JSC|OOO|Ltd", Script::kCyrillic},
    {kTurkishFirst, kTurkishLast, kEnglishTypes, "A.S.|Ltd. Sti.|AS", Script::kTurkishLatin},
    {kArabicFirst, kArabicLast, kEnglishTypes, "LLC|FZE|FZ-LLC|W.L.L.|Co.", Script::kArabic},
    {kIndianFirst, kIndianLast, kEnglishTypes, "Pvt Ltd|Private Limited|LLP|Ltd", Script::kFrenchLatin},
    {kChineseFirst, kChineseLast, kEnglishTypes, "Co., Ltd|Limited|Pte. Ltd.|Group", Script::kHan},
    {kJapaneseFirst, kJapaneseLast, kEnglishTypes, "K.K.|Co., Ltd.|Inc.|G.K.", Script::kJapanese},
    {kKoreanFirst, kKoreanLast, kEnglishTypes, "Co., Ltd.|Inc.|Corp.", Script::kHangul},
    {kVietnameseFirst, kVietnameseLast, kEnglishTypes, "JSC|Co., Ltd|LLC", Script::kVietnameseLatin},
    {kMalayFirst, kMalayLast, kEnglishTypes, "Sdn Bhd|PT|Tbk|Co., Ltd.", Script::kFrenchLatin},
    {kAfricanFirst, kAfricanLast, kEnglishTypes, "Ltd|Limited|SARL|(Pty) Ltd", Script::kFrenchLatin},
    {kGreekFirst, kGreekLast, kEnglishTypes, "S.A.|Ltd|E.P.E.|P.C.", Script::kGreek},
};

std::array<CultureWords, kCultureCount> MakeCultures() {
  std::array<CultureWords, kCultureCount> all;
  for (std::size_t i = 0; i < kCultureCount; ++i) {
    const CultureSource& source = kCultures[i];
    all[i] = {Split(source.first_names, ' '), Split(source.last_names, ' '), Split(source.types, '|'),
              Split(source.suffixes, '|'), source.script};
  }
  return all;
}

std::vector<std::string_view> Join(std::vector<std::string_view> CultureWords::*list) {
  std::vector<std::string_view> all;
  for (std::size_t i = 0; i < kCultureCount; ++i) {
    const CultureWords& words = WordsOf(static_cast<Culture>(i));
    all.insert(all.end(), (words.*list).begin(), (words.*list).end());
  }
  return all;
}

}  // namespace

const CultureWords& WordsOf(Culture culture) {
  static const std::array<CultureWords, kCultureCount> all = MakeCultures();
  return all[static_cast<std::size_t>(culture)];
}

std::span<const std::string_view> AllFirstNames() {
  static const std::vector<std::string_view> all = Join(&CultureWords::first_names);
  return all;
}

std::span<const std::string_view> AllLastNames() {
  static const std::vector<std::string_view> all = Join(&CultureWords::last_names);
  return all;
}

std::span<const std::string_view> CompanyStems() {
  static const std::vector<std::string_view> all = Split(kStems, '|');
  return all;
}

std::span<const std::string_view> Cities() {
  static const std::vector<std::string_view> all = Split(kCities, '|');
  return all;
}

std::span<const std::string_view> MailProviders() {
  // Made once and never freed: the views point into it.
  static const auto* const domains = [] {
    auto* texts = new std::vector<std::string>;
    for (const std::string_view provider : Split(kProviders, '|')) texts->push_back(std::string(provider) + ".example");
    return texts;
  }();
  static const std::vector<std::string_view> views(domains->begin(), domains->end());
  return views;
}

std::span<const std::string_view> PromoCodes() {
  static const std::vector<std::string_view> all = Split(kPromo, '|');
  return all;
}

}  // namespace clientele
